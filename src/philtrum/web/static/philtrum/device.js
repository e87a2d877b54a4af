// What philtrum needs to know of this device, and what the device keeps of philtrum: nothing personal.

// The time zone, so that "today" is today here. A cookie, sent nowhere else.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.split("; ").includes(`philtrum-zone=${zone}`)) {
  document.cookie = `philtrum-zone=${zone}; path=/; max-age=31536000; samesite=lax`;
}

// The page with the big button, for when philtrum is not running; browsers allow that for secure addresses.
if (navigator.serviceWorker) navigator.serviceWorker.register("/service-worker.js").catch(() => {});

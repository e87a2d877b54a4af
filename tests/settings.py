"""philtrum's own settings, with a data folder that is thrown away after the tests."""

import atexit
import os
import tempfile

_data = tempfile.TemporaryDirectory(prefix="philtrum-tests-")
atexit.register(_data.cleanup)
os.environ["PHILTRUM_DATA"] = _data.name

from philtrum.web.settings import *  # noqa: E402, F403

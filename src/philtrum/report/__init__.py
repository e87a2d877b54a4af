"""What was measured, made readable: charts now, documents later.

Reads measurements, traces and diaries; knows neither the web nor the camera.
"""

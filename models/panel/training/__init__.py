"""Trains, exports and measures the model. Needs Debian's python3-torch and python3-onnx."""

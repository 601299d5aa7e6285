"""Checks a directory of `export --format triton` without a server: its configuration, and the client of docs/hand-off.md.

Run with: python check_triton.py model_config.proto MODEL_DIRECTORY docs/hand-off.md ID,ID,...

model_config.proto is that of github.com/triton-inference-server/common. Needs grpcio-tools, numpy, onnxruntime.

1. config.pbtxt is parsed by protobuf's text format into inference.ModelConfig.
2. Names, types and sizes are compared with the session's, as the backend for ONNX Runtime does when it loads a model (CompareDimsSupported:
   without the batch, -1 where the model leaves a size open, else equal).
3. The Python block of the page runs with the prompt of the ids, against a stand-in for tritonclient.http that takes only what the
   configuration allows. The ids that it ends with are printed.
"""

import importlib
import json
import pathlib
import re
import sys
import tempfile
import types

import numpy as np
import onnxruntime
from google.protobuf import json_format, text_format
from grpc_tools import protoc

proto, directory, page, ids = sys.argv[1:]
proto, directory = pathlib.Path(proto).resolve(), pathlib.Path(directory).resolve()
with tempfile.TemporaryDirectory() as folder:
    assert protoc.main(["protoc", f"-I{proto.parent}", f"--python_out={folder}", str(proto)]) == 0
    sys.path.insert(0, folder)
    messages = importlib.import_module("model_config_pb2")

config = text_format.Parse((directory / "config.pbtxt").read_text(encoding="utf-8"), messages.ModelConfig())
assert config.name == directory.name and config.platform == "onnxruntime_onnx"
session = onnxruntime.InferenceSession(str(directory / "1" / "model.onnx"), providers=["CPUExecutionProvider"])

types_there = {"tensor(int64)": "TYPE_INT64", "tensor(float)": "TYPE_FP32", "tensor(int32)": "TYPE_INT32"}
for here, there in [(config.input, session.get_inputs()), (config.output, session.get_outputs())]:
    assert [value.name for value in here] == [value.name for value in there], [value.name for value in there]
    for value, other in zip(here, there):
        assert messages.DataType.Name(value.data_type) == types_there[other.type], value
        assert config.max_batch_size > 0 and not isinstance(other.shape[0], int), value
        sizes = [size if isinstance(size, int) else -1 for size in other.shape[1:]]
        assert list(value.dims) == sizes, (value, other.shape)
print(f"{config.name}: {len(config.input)} inputs and {len(config.output)} outputs as in the model, batches to {config.max_batch_size}")


class InferInput:
    def __init__(self, name, shape, datatype):
        self.name, self.shape, self.datatype = name, shape, datatype

    def set_data_from_numpy(self, array):
        assert list(array.shape) == self.shape and {"INT64": np.int64, "FP32": np.float32}[self.datatype] == array.dtype
        self.array = array


class Client:
    def __init__(self, url):
        pass

    def get_model_config(self, name):
        return json.loads(json_format.MessageToJson(config, preserving_proto_field_name=True))

    def infer(self, name, inputs):
        assert {value.name for value in inputs} == {value.name for value in config.input}
        expected = {value.name: value for value in config.input}
        rows = {value.shape[0] for value in inputs}
        assert len(rows) == 1 and rows.pop() <= config.max_batch_size
        for value in inputs:
            assert f"TYPE_{value.datatype}" == messages.DataType.Name(expected[value.name].data_type)
            dims = expected[value.name].dims
            assert len(dims) == len(value.shape) - 1
            assert all(dim in (-1, size) for dim, size in zip(dims, value.shape[1:]))
        names = [value.name for value in config.output]
        outputs = dict(zip(names, session.run(names, {value.name: value.array for value in inputs})))
        return types.SimpleNamespace(as_numpy=outputs.__getitem__)


package, module = types.ModuleType("tritonclient"), types.ModuleType("tritonclient.http")
module.InferenceServerClient, module.InferInput, package.http = Client, InferInput, module
sys.modules.update({"tritonclient": package, "tritonclient.http": module})
block = re.search(r"```python\n(.*?)```", pathlib.Path(page).read_text(encoding="utf-8"), re.S)[1]
scope = {"prompt": [int(id) for id in ids.split(",")]}
exec(block, scope)
print(json.dumps(scope["tokens"]))

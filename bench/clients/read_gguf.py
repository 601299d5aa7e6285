"""Reads the GGUF files of a model directory with llama.cpp's own Python package, and compares them with model.safetensors beside them.

    pip install gguf safetensors
    llm-learning export --run runs/book --out book-model --format safetensors,gguf --quantize fp16,q8,q4
    python bench/clients/read_gguf.py book-model

Names come from the package's map of Hugging Face's, the order of rows from the model itself. model.gguf has to hold the same numbers; of
the others the error is printed beside that of the package's own quantization of the same tensor. Exit status 1 where anything differs.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from gguf import MODEL_ARCH, MODEL_ARCH_NAMES, GGMLQuantizationType, GGUFReader, get_tensor_name_map
from gguf.quants import dequantize, quantize
from safetensors.numpy import load_file

EXACT = {GGMLQuantizationType.F32}


def neighbours_first(weight, heads):
    """Rows of a head from (2, d / 2) to (d / 2, 2), as llama.cpp's converter orders those of Llama's queries and keys."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def expected_tensors(directory):
    config = json.loads((directory / "config.json").read_text())
    kind = config["model_type"]
    arch = next(arch for arch, name in MODEL_ARCH_NAMES.items() if name == kind)
    names = get_tensor_name_map(arch, config.get("n_layer", config.get("num_hidden_layers")))
    heads = {"q_proj": config.get("num_attention_heads"), "k_proj": config.get("num_key_value_heads")}
    result = {}
    for name, value in load_file(directory / "model.safetensors").items():
        theirs = names.get_name(name.removeprefix("transformer."), try_suffixes=(".weight", ".bias"))
        if kind == "gpt2" and name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            value = value.T
        part = name.split(".")[-2]
        if arch in (MODEL_ARCH.LLAMA, MODEL_ARCH.ARCEE) and part in heads:
            value = neighbours_first(value, heads[part])
        result[theirs] = np.ascontiguousarray(value)
    return result


def check(path, expected):
    reader = GGUFReader(path)
    alignment = reader.alignment
    found = {tensor.name: tensor for tensor in reader.tensors}
    problems = []
    if set(found) != set(expected):
        problems.append(f"tensors {sorted(set(found) ^ set(expected))} are in one of the two only")
    errors = {}
    for name in found.keys() & expected.keys():
        tensor, value = found[name], expected[name]
        if tensor.data_offset % alignment != 0:
            problems.append(f"{name} is not aligned")
        if [int(size) for size in reversed(tensor.shape)] != list(value.shape):
            problems.append(f"{name} has the shape {tensor.shape}")
            continue
        got = dequantize(tensor.data, tensor.tensor_type).reshape(value.shape)
        if tensor.tensor_type in EXACT:
            if not np.array_equal(got, value):
                problems.append(f"{name} has other values")
            continue
        theirs = dequantize(quantize(value, tensor.tensor_type), tensor.tensor_type)
        total = errors.setdefault(tensor.tensor_type.name, np.zeros(3))
        total += [np.square(value).sum(), np.square(got - value).sum(), np.square(theirs - value).sum()]
    tokens = reader.fields["tokenizer.ggml.tokens"]
    rows = expected["token_embd.weight"].shape[0]
    if len(tokens.data) != rows:
        problems.append(f"{len(tokens.data)} tokens for {rows} rows")
    print(f"{path}: {len(found)} tensors, {len(reader.fields)} fields, {len(tokens.data)} tokens, alignment {alignment}")
    for name, (whole, ours, theirs) in sorted(errors.items()):
        print(f"  {name}: relative error {np.sqrt(ours / whole):.5f}, of the package's own {np.sqrt(theirs / whole):.5f}")
    for problem in problems:
        print(f"  {problem}")
    return not problems


def main():
    print(f"gguf {version('gguf')}")
    good = True
    for directory in map(Path, sys.argv[1:]):
        expected = expected_tensors(directory)
        for path in sorted(directory.glob("*.gguf")):
            good = check(path, expected) and good
    sys.exit(0 if good and len(sys.argv) > 1 else 1)


main()

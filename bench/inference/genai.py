"""onnxruntime-genai, over the exported ONNX model and genai_config.json."""

import json
import os
import shutil
import sys
import tempfile
import time

import onnxruntime_genai as genai

FILES = {"fp32": "model.onnx", "q8": "model_quantized.onnx", "q4": "model_q4.onnx"}
state = {}


def open_model(folder, form, threads, blockSize):
    # Its choice of file and threads is in the configuration: a copy of that, beside links to everything else.
    home = tempfile.mkdtemp()
    state["home"] = home
    for name in os.listdir(folder):
        os.symlink(os.path.join(folder, name), os.path.join(home, name))
    os.remove(os.path.join(home, "genai_config.json"))
    with open(os.path.join(folder, "genai_config.json"), encoding="utf8") as file:
        config = json.load(file)
    decoder = config["model"]["decoder"]
    decoder["filename"] = f"onnx/{FILES[form]}"
    decoder.setdefault("session_options", {})["intra_op_num_threads"] = threads
    config["search"]["past_present_share_buffer"] = True
    with open(os.path.join(home, "genai_config.json"), "w", encoding="utf8") as file:
        json.dump(config, file)
    state["model"] = genai.Model(home)
    shutil.rmtree(home)
    return {"version": genai.__version__}


def generate(prompt, count):
    begin = time.perf_counter()
    parameters = genai.GeneratorParams(state["model"])
    parameters.set_search_options(do_sample=False, max_length=len(prompt) + count, min_length=len(prompt) + count)
    generator = genai.Generator(state["model"], parameters)
    generator.append_tokens(prompt)
    tokens, times = [], []
    while len(tokens) < count:
        generator.generate_next_token()
        tokens.append(int(generator.get_next_tokens()[0]))
        times.append(time.perf_counter())
    return {"tokens": tokens, "prefill": times[0] - begin, "decode": times[-1] - times[0]}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        action = request.pop("do")
        try:
            if action == "open":
                answer = open_model(**request)
            elif action == "generate":
                answer = generate(**request)
            else:
                state.clear()
                answer = {}
        except Exception as error:  # noqa: BLE001: the other side says what went wrong
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()

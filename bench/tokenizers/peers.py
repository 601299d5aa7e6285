"""Answers requests of one JSON document a line; see python.mjs. Times are of the call alone, on one thread unless the environment says more."""

import base64
import hashlib
import json
import struct
import sys
import time

state = {}


def digest(ids):
    return hashlib.sha256(struct.pack(f"<{len(ids)}I", *ids)).hexdigest()


def tiktoken_load(request):
    import tiktoken
    from tiktoken_ext import openai_public

    def read(url, **_):
        with open(f"{request['folder']}/{url.rsplit('/', 1)[1]}") as file:
            return {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in file)}

    openai_public.load_tiktoken_bpe = read
    state["tiktoken"] = tiktoken.Encoding(**getattr(openai_public, request["encoding"])())
    return {"version": tiktoken.__version__}


def tiktoken_encode(request):
    if state.get("path") != request["path"]:
        state["path"] = request["path"]
        state["text"] = open(request["path"], encoding="utf-8", newline="").read()
    start = time.perf_counter()
    ids = state["tiktoken"].encode_ordinary(state["text"])
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "count": len(ids), **({"sha256": digest(ids)} if request.get("digest") else {})}


def lines_of(path):
    if state.get("lines_of") != path:
        state["lines_of"] = path
        state["lines"] = open(path, encoding="utf-8", newline="").read().split("\n")
    return state["lines"]


def sentencepiece_train(request):
    import sentencepiece

    lines = (line for line in lines_of(request["path"]) if line.strip())
    with open(request["model"], "wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=lines,
            model_writer=file,
            model_type=request["type"],
            vocab_size=request["vocab"],
            hard_vocab_limit=False,
            num_threads=1,
            minloglevel=2,
        )
    state["processor"] = sentencepiece.SentencePieceProcessor(model_file=request["model"])
    calls = ["line by line", "all lines at once"]
    try:
        state["processor"].encode(["a"], out_type="numpy")
        calls.append("all at once, to numpy")
    except (ImportError, RuntimeError, ValueError):
        pass
    return {"version": sentencepiece.__version__, "calls": calls}


def sentencepiece_encode(request):
    processor = state["processor"]
    lines = lines_of(request["path"])
    start = time.perf_counter()
    if request["call"] == "line by line":
        ids = [processor.encode(line) for line in lines]
    elif request["call"] == "all lines at once":
        ids = processor.encode(lines, num_threads=1)
    else:
        ids = processor.encode(lines, num_threads=1, out_type="numpy")
    seconds = time.perf_counter() - start
    return {"seconds": seconds, **({"sha256": digest([id for line in ids for id in line])} if request.get("digest") else {})}


def huggingface_train_bpe(request):
    import tokenizers
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=request["vocabSize"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    start = time.perf_counter()
    tokenizer.train([request["path"]], trainer)
    seconds = time.perf_counter() - start
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    text = "\n".join(" ".join(merge) for merge in merges)
    return {
        "seconds": seconds,
        "version": tokenizers.__version__,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


actions = {name: value for name, value in list(globals().items()) if callable(value)}
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = actions[request["do"]](request)
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)

/**
 * The two scripts of a directory for nanoGPT, in Python: what they do needs PyTorch's own checkpoints. They need torch and safetensors,
 * and nothing of this program.
 */

/** `load.py`: this directory into a checkout of nanoGPT. */
export const loadScript: string = String.raw`"""Puts this model, its data and its settings into a checkout of nanoGPT, so that training goes on there.

    python load.py path/to/nanoGPT [NAME]

writes data/NAME/{train.bin,val.bin,meta.pkl}, out-NAME/ckpt.pt and config/NAME.py in that checkout. Then, there:

    python train.py config/NAME.py --max_iters=5000
    torchrun --standalone --nproc_per_node=4 train.py config/NAME.py --gradient_accumulation_steps=4 --max_iters=5000

NAME is this directory's name unless given. Needs torch and safetensors.
"""

import json
import pickle
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

FLOATS = {"learning_rate", "min_lr", "weight_decay", "beta1", "beta2", "grad_clip", "dropout"}

if len(sys.argv) not in (2, 3):
    sys.exit(__doc__)
here = Path(__file__).resolve().parent
nanogpt = Path(sys.argv[1]).resolve()
name = sys.argv[2] if len(sys.argv) == 3 else here.name
if not (nanogpt / "model.py").is_file():
    sys.exit(f"load.py: expected a checkout of nanoGPT, got {nanogpt}, without a model.py")
if not name.replace("-", "_").isidentifier():
    sys.exit(f"load.py: expected a NAME of letters, digits, - and _, got {name!r}: give one as second argument")
data, out, config_file = nanogpt / "data" / name, nanogpt / f"out-{name}", nanogpt / "config" / f"{name}.py"
for path in (data, out, config_file):
    if path.exists():
        sys.exit(f"load.py: expected no {path}, got one: give another NAME as second argument")

sys.path.insert(0, str(nanogpt))
from model import GPT, GPTConfig  # noqa: E402

config = json.loads((here / "config.json").read_text(encoding="utf-8"))
sizes = ("n_layer", "n_head", "n_embd", "block_size", "bias", "vocab_size", "dropout")
model_args = {key: float(config[key]) if key in FLOATS else config[key] for key in sizes}
train = {key: float(value) if key in FLOATS else value for key, value in config["train"].items()}

model = GPT(GPTConfig(**model_args))
weights = load_file(here / "model.safetensors")
model.load_state_dict({**weights, "lm_head.weight": weights["transformer.wte.weight"]})

optimizer = model.configure_optimizers(
    train["weight_decay"], train["learning_rate"], (train["beta1"], train["beta2"]), "cpu"
)
for group in optimizer.param_groups:
    group["eps"] = config["eps"]
if (here / "optimizer.safetensors").exists():
    moments = load_file(here / "optimizer.safetensors")
    for key, parameter in model.named_parameters():
        optimizer.state[parameter] = {
            "step": torch.tensor(float(config["iter_num"])),
            "exp_avg": moments[f"exp_avg.{key}"],
            "exp_avg_sq": moments[f"exp_avg_sq.{key}"],
        }

settings = {"out_dir": f"out-{name}", "dataset": name, "init_from": "resume", **model_args, **train}
del settings["vocab_size"]
for folder in (data, out, config_file.parent):
    folder.mkdir(parents=True, exist_ok=True)
for shard in ("train.bin", "val.bin"):
    shutil.copyfile(here / shard, data / shard)
if (here / "meta.json").exists():
    meta = json.loads((here / "meta.json").read_text(encoding="utf-8"))
    itos = dict(enumerate(meta["characters"]))
    stoi = {character: index for index, character in itos.items()}
    (data / "meta.pkl").write_bytes(pickle.dumps({"vocab_size": meta["vocab_size"], "itos": itos, "stoi": stoi}))
config_file.write_text("".join(f"{key} = {value!r}\n" for key, value in settings.items()), encoding="utf-8")
torch.save(
    {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "model_args": model_args,
        "iter_num": config["iter_num"],
        "best_val_loss": 1e9 if config["best_val_loss"] is None else config["best_val_loss"],
        "config": settings,
    },
    out / "ckpt.pt",
)
print(f"{out / 'ckpt.pt'}: step {config['iter_num']}; in {nanogpt}:")
print(f"  python train.py config/{name}.py --max_iters={config['iter_num'] + 1000}")
`;

/** `save.py`: a checkpoint of nanoGPT as a directory that `import` reads. */
export const saveScript: string = String.raw`"""Makes of a checkpoint of nanoGPT a directory that llm-learning import reads.

    python save.py path/to/nanoGPT/out-NAME/ckpt.pt DIRECTORY

DIRECTORY is new. Its tokenizer.json is the one beside this script. Needs torch and safetensors.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

if len(sys.argv) != 3:
    sys.exit(__doc__)
here = Path(__file__).resolve().parent
out = Path(sys.argv[2])
if out.exists():
    sys.exit(f"save.py: expected a new directory, got {out}, which exists")

checkpoint = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
# torch.compile puts a name before those of the weights; masks of old versions are no weights; the output layer is the embedding.
weights = {key.removeprefix("_orig_mod."): value for key, value in checkpoint["model"].items()}
masks = [key for key in weights if key.endswith(".attn.bias")]
weights = {key: value for key, value in weights.items() if key not in masks and key != "lm_head.weight"}

out.mkdir(parents=True)
save_file({key: value.float().contiguous() for key, value in weights.items()}, out / "model.safetensors", {"format": "pt"})
shutil.copyfile(here / "tokenizer.json", out / "tokenizer.json")
config = {
    "model_type": "nanogpt",
    **checkpoint["model_args"],
    "iter_num": checkpoint["iter_num"],
    "best_val_loss": float(checkpoint["best_val_loss"]),
}
(out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
print(f"{out}: step {checkpoint['iter_num']}; llm-learning import {out} --data TEXT")
`;

/**
 * The part of a model card that says how the model is run: a few lines for each program that reads the directory.
 */

import { type CausalLM, isCausalLM } from "@llm-learning/models";
import { CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import type { CardFacts } from "./modelCard.ts";

/** Forms that Hugging Face's libraries know. */
const isPlain = (modelType: string): boolean => modelType.startsWith("llm-learning-");

/** Paragraphs and blocks of code. */
export function cardUsage({ model, modelType, tokenizer, origin, formats, quantize }: CardFacts): string[] {
  const prompt = JSON.stringify(origin.lines === true ? "\n" : examplePrompt(tokenizer));
  const hasOnnx = formats.includes("onnx");
  const isDecoder = isCausalLM(model);
  if (!isDecoder || isPlain(modelType)) {
    return [
      "No other program has this model by name. `llm-learning import` does not read it, either; its ONNX model runs wherever ONNX does: " +
        `\`input_ids\` int64 in, \`logits\` out${isDecoder ? ", with a KV cache as transformers has it" : ""}.`,
      ...(isDecoder && hasOnnx ? genai(prompt, tokenizer) : []),
    ];
  }
  return [
    ...(hasOnnx ? transformersJs(prompt, ["fp32", ...quantize]) : []),
    ...(formats.includes("safetensors") ? transformers(prompt) : []),
    ...(hasOnnx ? [...(hasUsualHeads(model) ? optimum() : []), ...genai(prompt, tokenizer)] : []),
    ...(formats.includes("gguf") ? llamaCpp(prompt) : []),
  ];
}

function transformersJs(prompt: string, dtypes: readonly string[]): string[] {
  return [
    `With transformers.js (\`dtype\` ${dtypes.join(", ")}):`,
    block("js", [
      'import { pipeline } from "@huggingface/transformers";',
      `const generator = await pipeline("text-generation", "path/to/this", { dtype: "${dtypes[0]}" });`,
      `const [{ generated_text }] = await generator(${prompt}, { max_new_tokens: 40, do_sample: false });`,
    ]),
  ];
}

function transformers(prompt: string): string[] {
  return [
    "With transformers:",
    block("python", [
      "from transformers import AutoModelForCausalLM, AutoTokenizer",
      'tokenizer = AutoTokenizer.from_pretrained("path/to/this")',
      'model = AutoModelForCausalLM.from_pretrained("path/to/this")',
      `inputs = tokenizer(${prompt}, return_tensors="pt")`,
      "print(tokenizer.decode(model.generate(**inputs, max_new_tokens=40)[0]))",
    ]),
  ];
}

/** Other heads than these have a cache that optimum does not make. */
function hasUsualHeads({ config: { nEmbd, nHead }, cacheSizes: { headDim } }: CausalLM): boolean {
  return headDim * nHead === nEmbd;
}

function optimum(): string[] {
  return [
    "With optimum, on ONNX Runtime, instead of transformers' model:",
    block("python", [
      "from optimum.onnxruntime import ORTModelForCausalLM",
      'model = ORTModelForCausalLM.from_pretrained("path/to/this")',
    ]),
  ];
}

/** Its own tokenizer spells spaces and line ends as byte-level ones do, and does not find them among characters. */
function genai(prompt: string, tokenizer: Tokenizer): string[] {
  const isOfCharacters = tokenizer instanceof CharacterTokenizer;
  return [
    isOfCharacters ? "With onnxruntime-genai, and transformers' tokenizer:" : "With onnxruntime-genai:",
    block("python", [
      "import onnxruntime_genai as og",
      'model = og.Model("path/to/this")',
      ...(isOfCharacters
        ? ["from transformers import AutoTokenizer", 'tokenizer = AutoTokenizer.from_pretrained("path/to/this")']
        : ["tokenizer = og.Tokenizer(model)"]),
      "generator = og.Generator(model, og.GeneratorParams(model))",
      `generator.append_tokens(tokenizer.encode(${prompt}))`,
      "while not generator.is_done():",
      "    generator.generate_next_token()",
      "print(tokenizer.decode(generator.get_sequence(0)))",
    ]),
  ];
}

function llamaCpp(prompt: string): string[] {
  return [
    "With llama.cpp:",
    block("sh", [`llama-completion -m model.gguf -no-cnv -p ${prompt.replaceAll("$", "\\$")}`]),
  ];
}

function block(language: string, lines: readonly string[]): string {
  return [`\`\`\`${language}`, ...lines, "```"].join("\n");
}

/** The beginning of a text in tokens that the tokenizer has. */
function examplePrompt(tokenizer: Tokenizer): string {
  const knows = (text: string): boolean => {
    try {
      return tokenizer.decode(tokenizer.encode(text)) === text;
    } catch {
      return false;
    }
  };
  return ["Once upon a time", "once upon a time"].find(knows) ?? "a";
}

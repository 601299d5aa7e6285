/**
 * Single keys, heard as they are pressed. The terminal then hands over Ctrl-C, Ctrl-Z and Ctrl-\ as keys too, and they are made to do what
 * they always do.
 */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { ReadStream } from "node:tty";

const CTRL_C = "\u0003";
const CTRL_Z = "\u001a";
const CTRL_BACKSLASH = "\u001c";
const ESCAPE = "\u001b";

export class Keyboard {
  readonly #input: ReadStream;
  readonly #onKey: (key: string) => void;
  readonly #listener = (text: string): void => this.#hear(text);
  /** After Ctrl-Z, `fg` brings the process back. */
  readonly #onContinue = (): void => {
    if (isForeground()) this.#input.setRawMode(true);
  };
  #isOpen = true;

  private constructor(input: ReadStream, onKey: (key: string) => void) {
    this.#input = input;
    this.#onKey = onKey;
    input.setRawMode(true);
    input.setEncoding("utf8");
    input.on("data", this.#listener);
    // A terminal that is closed ends its input; training goes on, or is ended by the signal that comes with it.
    input.on("error", this.#close);
    process.on("SIGCONT", this.#onContinue);
  }

  /** Listens to standard input; undefined where it is no terminal, or one that another process of the shell has now. */
  static open(onKey: (key: string) => void): Keyboard | undefined {
    return process.stdin.isTTY && isForeground() ? new Keyboard(process.stdin, onKey) : undefined;
  }

  /** Leaves the terminal as it was found. */
  close(): void {
    this.#close();
  }

  readonly #close = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off("SIGCONT", this.#onContinue);
    this.#input.off("data", this.#listener);
    this.#input.setRawMode(false);
    this.#input.pause();
  };

  #hear(text: string): void {
    // Arrows and the like come as a sequence behind an escape.
    if (text.startsWith(ESCAPE)) return;
    for (const key of text) {
      if (key === CTRL_C) process.emit("SIGINT", "SIGINT");
      else if (key === CTRL_Z) this.#leave("SIGTSTP");
      else if (key === CTRL_BACKSLASH) this.#leave("SIGQUIT");
      else this.#onKey(key);
      if (!this.#isOpen) return;
    }
  }

  /** As the terminal would: to all processes of the command. */
  #leave(signal: "SIGTSTP" | "SIGQUIT"): void {
    this.#input.setRawMode(false);
    process.kill(0, signal);
  }
}

/** Whether the terminal is ours: a process in the background that changes its mode is stopped by the system. */
function isForeground(): boolean {
  if (process.platform === "win32") return true;
  try {
    const { own, ofTerminal } = processGroups();
    return own === ofTerminal;
  } catch {
    return false;
  }
}

/** The process's group, and the one that the terminal belongs to now. */
function processGroups(): { own: string | undefined; ofTerminal: string | undefined } {
  if (process.platform === "linux") {
    // The name of the program, in parentheses, may hold anything; state, parent, group, session, terminal and its group follow.
    const fields = readFileSync("/proc/self/stat", "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return { own: fields[2], ofTerminal: fields[5] };
  }
  const groups = execFileSync("ps", ["-o", "pgid=,tpgid=", "-p", String(process.pid)], { encoding: "utf8" });
  const [own, ofTerminal] = groups.trim().split(/\s+/);
  return { own, ofTerminal };
}

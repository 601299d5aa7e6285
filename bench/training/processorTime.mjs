// The processor time of programs that take turns: how much the one takes whose turn it is, and how much of a core the others, whose
// threads slow it down where they look for work.

import { readFileSync } from "node:fs";

/** Linux counts a process's time in ticks of 10 ms. */
const TICKS_PER_SECOND = 100;

/** Watches processes by what Linux counts for them; elsewhere it knows nothing. */
export class ProcessorTime {
  /** Wall and processor seconds that each process was paused for and used meanwhile. */
  #spent = new Map();
  #processes;
  #active;
  #begin;

  /** @param {readonly { readonly pid: number }[]} processes */
  constructor(processes) {
    this.#processes = processes;
    for (const { pid } of processes) this.#spent.set(pid, { wall: 0, cpu: 0 });
  }

  /** The turn of one process begins: the others are to do nothing. */
  begin({ pid }) {
    this.#active = pid;
    const cpu = new Map(this.#processes.map((process) => [process.pid, cpuSeconds(process.pid)]));
    this.#begin = { time: performance.now(), cpu };
  }

  /** @returns processor seconds of the process whose turn it was; NaN where nobody knows. */
  end() {
    const wall = (performance.now() - this.#begin.time) / 1000;
    let active = NaN;
    for (const [pid, before] of this.#begin.cpu) {
      const cpu = cpuSeconds(pid) - before;
      if (pid === this.#active) active = cpu;
      else {
        const spent = this.#spent.get(pid);
        spent.wall += wall;
        spent.cpu += cpu;
      }
    }
    return active;
  }

  /** Share of a core that a process took while others had their turn; undefined where nobody knows. */
  share({ pid }) {
    const { wall, cpu } = this.#spent.get(pid);
    return wall === 0 || Number.isNaN(cpu) ? undefined : cpu / wall;
  }
}

function cpuSeconds(pid) {
  try {
    // Behind the name in parentheses, which may have spaces: user and system time are fields 14 and 15 of the line.
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return NaN;
  }
}

// Preloaded into both sides: prints the peak resident memory of the process when it exits.
process.on("exit", () => console.log(`peak MB: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)}`));

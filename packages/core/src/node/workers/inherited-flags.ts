/** Flags that another process cannot have, too: they take a port, or say what is run. */
const OWN = /^(-e|-p|-pe|--(inspect|input-type|eval|print|watch|test)\b)/;
/** Those of them that may have their value in the next word. */
const WITH_VALUE = /^(-e|-p|-pe|--(inspect-port|inspect-publish-uid|input-type|eval|print|watch-path|test-[a-z-]+))$/;
/** Flags without a value that the pattern above takes for ones with a value. */
const WITHOUT_VALUE = /^--test-(force-exit|only)$/;

/** The flags of a process, such as its conditions and loaders, as far as a child of it may have them. */
export function inheritedFlags(execArgv: readonly string[]): string[] {
  const flags: string[] = [];
  for (let at = 0; at < execArgv.length; at++) {
    const flag = execArgv[at] as string;
    if (!OWN.test(flag)) flags.push(flag);
    else if (WITH_VALUE.test(flag) && !WITHOUT_VALUE.test(flag)) at++;
  }
  return flags;
}

/** An error as the system gives it: `connect ECONNREFUSED 10.0.0.1:80`. */
export function systemError(code: string, syscall: string, target = ''): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`${syscall} ${code}${target === '' ? '' : ` ${target}`}`);
  error.code = code;
  error.syscall = syscall;
  return error;
}

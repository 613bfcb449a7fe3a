// SIGUSR1 opens Node's inspector on loopback, and every container of the pod can run code through it. So
// whoever may send the signal, such as a debug container, would get podrole's credentials. With a listener
// the signal does nothing; --inspect still works. The image's launcher also sets --disable-sigusr1, which is
// active before this line. A `#!` line cannot set it: not every env has -S.
process.on('SIGUSR1', () => {});

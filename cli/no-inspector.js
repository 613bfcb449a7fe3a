// SIGUSR1 opens Node's inspector on loopback, where each container of the pod can run code by it: whoever may send the signal, such as
// a debug container, would get what podrole has. With a listener the signal does nothing; --inspect still opens the inspector.
// The image's launcher also sets --disable-sigusr1, which works before this line. A `#!` line can't: not every env knows -S.
process.on('SIGUSR1', () => {});

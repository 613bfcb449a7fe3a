// SIGUSR1 opens Node's inspector on loopback, where each container of the pod can run code by it: whoever may send the signal, a debug
// container for one, would have what podrole has. With a listener the signal does nothing; --inspect opens the inspector as ever.
// The image's launcher has --disable-sigusr1 besides, which also holds before this line. A `#!` line can't: not every env knows -S.
process.on('SIGUSR1', () => {});

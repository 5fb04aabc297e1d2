// Sets HOME where the user has none: libraries look it up and fail without it.
const { homedir, userInfo } = require('node:os');

function found(look) {
  try {
    return look();
  } catch {
    return undefined;
  }
}

// A directory that does not exist, so that nobody else can put files into it.
if (!found(homedir)) process.env.HOME = found(() => userInfo().homedir) || '/nonexistent';

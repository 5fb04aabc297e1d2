// Sees to it that there is a home directory: libraries ask for it to look for files there, and fail where nobody knows one.
const { homedir, userInfo } = require('node:os');

function found(look) {
  try {
    return look();
  } catch {
    return undefined;
  }
}

// Nobody can put files into a directory that does not exist, as one could where everybody may write.
if (!found(homedir)) process.env.HOME = found(() => userInfo().homedir) || '/nonexistent';

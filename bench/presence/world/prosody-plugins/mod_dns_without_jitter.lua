-- Prosody's own resolver waits up to a second before each query. Debian recommends lua5.4-unbound, with which it does not;
-- where that is not installed, this keeps the wait out of what is measured.
module:set_global();
local resolver = require "net.dns".resolver();
getmetatable(resolver).__index.jitter = false;

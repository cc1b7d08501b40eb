// Tells the site in which zone the browser is, so that times on the next page are in it.
"use strict";

(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) return;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `console_zone=${zone}; path=/admin/; max-age=31536000; samesite=lax${secure}`;
})();

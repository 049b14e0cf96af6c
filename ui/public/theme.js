// Runs before the first paint, so that a dark screen never flashes white. A file, since the content policy forbids inline script.
;(function () {
  var choice = null
  try {
    choice = localStorage.getItem('vigil.theme')
  } catch {}
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()

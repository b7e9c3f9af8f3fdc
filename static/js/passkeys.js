// When a passkey could not be made or used (cancelled, timed out, refused), say so on the page instead of in the console.
document.addEventListener('allauth.error', (event) => {
  event.preventDefault()
  const problem = document.querySelector('#passkey-problem p')
  problem.hidden = true
  // Shown anew, so that a screen reader says it each time.
  window.setTimeout(() => { problem.hidden = false }, 50)
})

/* Parts of a page that keep up with the server: messages on the phone, a code that changes, a
   token that syncs. The page itself is asked for again, and the part taken out of it; so there
   is one way to show it, and it is the server's. */

const SOONEST_MS = 500;

/** Show a part anew every `data-fresh` milliseconds, for as long as the server sends it so. */
export function keepFresh(part) {
  const later = () => {
    const wait_ms = Number(part.dataset.fresh);
    if (wait_ms) setTimeout(again, Math.max(wait_ms, SOONEST_MS));
  };
  const again = async () => {
    if (!document.hidden) {
      try {
        const fresh = await current(part.id);
        if (fresh === null) return; // logged out, or another page: a reload will say so
        if (fresh.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
          part.replaceWith(fresh);
          part = fresh;
        }
      } catch {
        // The server is away for a moment: it is asked again.
      }
    }
    later();
  };
  later();
}

async function current(id) {
  const answer = await fetch(location.pathname, { redirect: "error" });
  if (!answer.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = page.getElementById(id);
  return part === null ? null : document.adoptNode(part);
}

// localStorage that never throws: private windows and full disks are no reason for a blank page.
const KEY = "holdfast.";

export function load<T>(name: string): T | null {
  try {
    const text = localStorage.getItem(KEY + name);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}
export function save(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(KEY + name);
    else localStorage.setItem(KEY + name, JSON.stringify(value));
  } catch {
    // Kept in memory only; the next reload asks again.
  }
}

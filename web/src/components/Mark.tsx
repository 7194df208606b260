/** The moon, and the light it keeps. */
export function Mark({ size }: { size: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d="M20.9 15.1A9.2 9.2 0 1 1 9.3 3.4a7.4 7.4 0 0 0 11.6 11.7z" fill="var(--accent)" />
      <circle cx="16.4" cy="7.4" r="1.9" fill="var(--focus)" />
    </svg>
  );
}

import { act, fireEvent, render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { later } from "./later";

const Part = ({ words, close }: { words: string; close: () => void }) => (
  <button type="button" onClick={close}>
    {words}
  </button>
);
const settled = () => act(async () => {});

test("it comes when it is opened, and is there at once the next time", async () => {
  let asked = 0;
  const Dialog = later("Session", async () => {
    asked += 1;
    return { default: Part };
  });
  const { unmount } = render(<Dialog words="first" close={() => {}} />);
  expect(screen.queryByRole("button")).toBeNull();
  await settled();
  expect(screen.getByRole("button", { name: "first" })).toBeTruthy();
  unmount();
  render(<Dialog words="second" close={() => {}} />);
  expect(screen.getByRole("button", { name: "second" })).toBeTruthy();
  expect(asked).toBe(1);
});

test("if it does not come that is said, and it is asked for again at a click", async () => {
  let there = false;
  let closed = 0;
  const Dialog = later("Session", async () => {
    if (!there) throw new Error("gone");
    return { default: Part };
  });
  render(
    <>
      <p>The page</p>
      <Dialog words="here" close={() => closed++} />
    </>,
  );
  await settled();
  expect(screen.getByText("The page")).toBeTruthy();
  expect(screen.getByRole("dialog", { name: "Session" }).textContent).toContain("could not be fetched");
  fireEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(closed).toBe(1);
  there = true;
  fireEvent.click(screen.getByRole("button", { name: "Retry" }));
  await settled();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByRole("button", { name: "here" })).toBeTruthy();
});

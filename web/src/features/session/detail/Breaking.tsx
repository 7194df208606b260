import { Fragment } from "react";

/** A long name that breaks after these characters first, and elsewhere only if it must. */
export const Breaking = ({ text, after }: { text: string; after: string }) =>
  text.split(after).map((part, i) => (
    <Fragment key={i}>
      {i > 0 && (
        <>
          {after}
          <wbr />
        </>
      )}
      {part}
    </Fragment>
  ));

/** What the checker wants to know of a page: where it leads to, and what can be led to inside it. */
import type { Anchors } from './anchors.ts';

export interface Link {
  /** Absolute, with its fragment. */
  readonly url: URL;
  /** The place that the fragment names is seen by a reader: only then it has to be there. */
  readonly navigates: boolean;
}

export interface PageContent {
  /** False for a style sheet, which is read for what it loads only. */
  readonly isPage: boolean;
  readonly title: string | undefined;
  /** Every address once for each way of writing it. */
  readonly links: readonly Link[];
  /** How many addresses are written there, each as often as it is. */
  readonly written: number;
  /** What is written as an address and cannot be one, with what is wrong. */
  readonly unusable: readonly Unusable[];
  /** What a fragment can point at. */
  readonly anchors: Anchors;
}

export interface Unusable {
  readonly text: string;
  readonly why: string;
}

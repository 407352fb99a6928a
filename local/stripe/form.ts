type Node = string | Map<string, Node>;

/** `line_items[0][price]` → `line_items`, `0`, `price` */
const stepsOf = (key: string): string[] => {
  const [head = '', ...rest] = key.split('[');
  return [head, ...rest.map((step) => step.replace(/\]$/, ''))];
};

const plain = (node: Node): unknown =>
  typeof node === 'string' ? node : Object.fromEntries([...node].map(([key, value]) => [key, plain(value)]));

/**
 * A body or query as the SDK encodes it: nested by brackets. Arrays stay objects with their indices as keys, for only who knows the parameter
 * knows whether `metadata[0]` is a key or an index.
 */
export const decodeForm = (text: string): unknown => {
  const root = new Map<string, Node>();
  for (const [key, value] of new URLSearchParams(text)) {
    const steps = stepsOf(key);
    const last = steps.pop() ?? '';
    let at = root;
    for (const step of steps) {
      const inner = at.get(step);
      const next: Map<string, Node> = inner instanceof Map ? inner : new Map();
      at.set(step, next);
      at = next;
    }
    // `expand[]=a&expand[]=b` counts up by itself.
    at.set(last === '' ? String(at.size) : last, value);
  }
  return plain(root);
};

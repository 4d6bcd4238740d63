// Programs with mistakes, by name: test/golden/diagnostics shows what a person reads for each.

const inModel = (...lines: readonly string[]): string => `model {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;

/** Mistakes in the text of a program: codes 1xx. */
export const badTexts: Record<string, string> = {
  "missing-comma": inModel("sample p ~ Normal(0 1)", "let a = [1 2]", "let b = x[1 2]"),
  "open-parenthesis": inModel("sample p ~ Normal(0, 1", "sample q ~ Beta(1, 1)"),
  "open-block": `data { dim N; y: real[N] }

model {
  sample mu ~ Normal(0, 1)
  plate i in N {
    observe y[i] ~ Normal(mu, 1)
}
`,
  "open-data": "data {\n  dim N\n  y: real[N]\n\nmodel {\n  sample mu ~ Normal(0, 1)\n}\n",
  "wrong-bracket": inModel("sample mu ~ Normal(0, 1]", "let a = [1, 2)", "let b = 3)"),
  "open-string": 'import "lib.ppl\n\nmodel {\n  /* an open comment\n}\n',
  "end-of-file": "model {\n  sample mu ~",
  numbers: inModel(
    "let a = 1.",
    "let b = .5",
    "let c = 1e",
    "let d = 3x",
    "let e = 1_000",
    "let f = 1e999",
    "let g = 99999999999999999999",
  ),
  characters: inModel("# a comment", "let a = 'x'", "let µ = 3", "let b = a & c", "let c = a ≤ 3", 'let d = "\\q"'),
  "statement-without-keyword": `model {
  mu ~ Normal(0, 5)
  plate j in J {
    theta[j] ~ Normal(mu, 1)
    s = 3
    t <- 4
  }
}
`,
  "tilde-or-equal": inModel(
    "sample a = Normal(0, 1)",
    "let b ~ Normal(0, 1)",
    "report c ~ Normal(0, 1)",
    "let d = a ~ b",
    "if a = b { let e = 1 }",
  ),
  "chained-comparison": inModel("let b = 0 < a < 2", "if a == b == c { let d = 1 }"),
  "reserved-words": `data { data: real }\n\n${inModel("sample scan ~ Normal(0, 1)", "let x = f(data, 1)", "plate in in N { }")}`,
  slices: inModel("let a = x[1:3]", "let b = x[,1]", "plate i in 1:N { let c = 1 }", "plate (i in N) { let d = 2 }"),
  operators: inModel("let a = x and y", "let b = x .* y", "let c = x ** 2", "let d = x ? 1 : 2", "let e = not x"),
  misspelt: "modle { }\n\nmodel {\n  sampel x ~ Normal(0, 1)\n  observ y ~ Normal(x, 1)\n}\n",
  "data-block": "data {\n  N\n  y: real[N\n  z: int\n  x = 3\n  k: real in 0, 1\n}\n",
  "misplaced-blocks": `${inModel("data { dim N }", "fun f(x: real) -> real = 2", "sample x ~ Normal(0, 1)")}\nsample y ~ Normal(0, 1)\n`,
  if: inModel(
    "let a = if x then 1",
    "let b = if x { 1 } else { 2 }",
    "if x then { let c = 1 }",
    "if x { let d = 1 } else 3",
  ),
  functions: "fun f(x, y) -> real = x\nfun g(x: real): real = x\nnet n(x: real) -> real = x\n",
  return: `fun f(x: real) -> real {
  let y = 2 * x
}

fun g(x: real) -> real {
  if x > 0 { return x } else { return -x }
}
`,
  "wrong-block": `model {
  default fullrank
}

guide {
  observe y ~ Normal(0, 1)
}

predict {
  factor 3
}

fun f(x: real) -> real {
  sample z ~ Normal(0, 1)
  return z
}
`,
  stan: [
    "data {",
    "  int<lower=0> N;",
    "  vector[N] y;",
    "}",
    "parameters {",
    "  real mu;",
    "}",
    "model {",
    "  for (i in 1:N) {",
    "    y[i] ~ normal(mu, 1);",
    "  }",
    "  target += normal_lpdf(mu, 0, 1);",
    "}",
    "",
  ].join("\n"),
  "missing-brace": "model {\n  plate i in N\n    sample x[i] ~ Normal(0, 1)\n  }\n}\n",
  "wide-and-tabs": 'model {\n\tlet a = f("日本 → 🙂",\t3 4)\n}\n',
  "newcomer-draws": inModel(
    "let mu = sample(Normal(0, 1))",
    'tau = sample("tau", HalfNormal(1))',
    'a = pm.Normal("a", 0, 1)',
    "sample s > 0 ~ Normal(0, 1)",
    "sample b: real ~ Normal(0, 1)",
    "sample c ~ Normal(0, 1) T[0, ]",
    "param d: real ~ Normal(0, 1)",
    "report e ~ Normal(0, 1)",
    "print(a)",
  ),
  "newcomer-bounds": "data { dim N; w: real<lower=0>; v: real<lower=0, upper=1>; y: real[N] }\n",
  "newcomer-expressions": inModel(
    "observe log(y) ~ Normal(0, 1)",
    "let a = sum(x[i] for i in N)",
    "let b = np.exp(a)",
    "let c = dot(x @ b, a)",
    "plate N { factor 1 }",
    "if a { factor 1 } elif b { factor 2 }",
  ),
};

/** Mistakes in what a program means, as in the language reference. */
export const badModels: Record<string, string> = {
  "index-of-another-dim": `data { dim J, K; y: real[J]; s: real[J] > 0 }

model {
  plate j in J { sample theta[j] ~ Normal(0, 1) }
  plate j in J, k in K {
    factor theta[k] * y[j] * s[j]
  }
}
`,
  "site-without-index": `data { dim J; y: real[J] }

model {
  plate j in J {
    sample theta ~ Normal(0, 1)
    observe y[j] ~ Normal(theta, 1)
  }
}
`,
  "unknown-name": `model {
  sample sigma ~ HalfNormal(1)
  sample x ~ Normal(0, sgima)
  sample y ~ Nromal(x, 1)
}
`,
  "newcomer-names": `data { dim N; K: int; y: vector[N]; z: real[M]; k: real[K] }

model {
  sample p ~ BernoulliLogit(0.2)
  sample q ~ neg_binomial_2(1, 2)
  sample r ~ Normal(0, 1, lower = 0)
  sample s ~ Dirichlet(1)
  sample t ~ half_normal(1)
  let a = Normal(0, 1)
  let b = len(y) + sigmoid(2.0)
  factor normal_lpdf(y, 0, 1) + x[i]
  sample n ~ Poisson(3)
  plate j in n { factor 1 }
}
`,
  "newcomer-shapes": `data { dim N, J, K; g: index(J)[N]; x: real[N, K]; y: real[N] }

model {
  plate j in J { sample a[j] ~ Normal(0, 1) }
  sample b ~ Normal(zeros(K), 1)
  sample m[N] ~ Normal(0, 1)
  sample y ~ Normal(0, 1)
  observe y ~ Normal(x * b, 1)
  let eta = a + y
  plate i in N {
    observe y ~ Normal(0, 1)
    observe y[i] ~ Normal(a[i], 1)
    observe y[i] ~ Normal(x[i] * b, 1)
    observe y[i] ~ Poisson(2)
    let c[i] = c[i - 1] + 1
  }
}
`,
};

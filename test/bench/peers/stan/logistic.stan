data { int N; int D; matrix[N, D] x; int<lower=0,upper=1> switched[N]; }
parameters { vector[D] beta; }
model {
  beta ~ normal(0, 10);
  switched ~ bernoulli_logit_glm(x, 0, beta);
}

data { int N; int J; vector[N] floor_measure; vector[N] log_radon; int county_idx[N]; }
parameters { real<lower=0> sigma_y; real<lower=0> sigma_alpha; real mu_alpha; real beta; vector[J] alpha_raw; }
model {
  vector[J] alpha = mu_alpha + sigma_alpha * alpha_raw;
  sigma_y ~ normal(0, 1);
  sigma_alpha ~ normal(0, 1);
  mu_alpha ~ normal(0, 10);
  beta ~ normal(0, 10);
  alpha_raw ~ normal(0, 1);
  log_radon ~ normal(alpha[county_idx] + beta * floor_measure, sigma_y);
}

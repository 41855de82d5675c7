# breach-sim in a container: the versions and hashes of requirements.lock, nothing else.
#   docker build -t breach-sim .
#   docker run --rm breach-sim run tmobile-2021-claimed
#   docker run --rm -v "$PWD:/data" -w /data breach-sim run tmobile-2021-claimed --out results
FROM python:3.13-slim
ENV PYTHONUTF8=1 PIP_NO_CACHE_DIR=1
WORKDIR /breach_sim
RUN useradd --uid 1000 --create-home reader && chown 1000 /breach_sim
USER 1000
COPY --chown=1000 . .
# Makes .venv from the lock and runs the first case: a build that ends has given an answer.
RUN python run.py && rm -r out
ENV PATH="/breach_sim/.venv/bin:$PATH"
ENTRYPOINT ["breach-sim"]
CMD ["--help"]

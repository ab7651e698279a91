# nearhood serve, for docker-compose.yml. What is installed is pinned with hashes in requirements-image.lock.
FROM python:3.12-slim AS build
WORKDIR /build
COPY requirements-image.lock ./
RUN python -m venv /opt/nearhood \
 && /opt/nearhood/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-image.lock
COPY pyproject.toml README.md LICENSE ./
COPY search search
COPY ingest ingest
COPY ui ui
RUN /opt/nearhood/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
COPY --from=build /opt/nearhood /opt/nearhood
RUN useradd --uid 10001 --no-create-home nearhood && install -d -o nearhood -g nearhood /data
USER nearhood
ENV PATH=/opt/nearhood/bin:$PATH PYTHONUNBUFFERED=1 NEARHOOD_DATA=/data NEARHOOD_CACHE=/data/cache HOME=/tmp
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", \
 "import urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:7860/health', headers={'Host': 'localhost:7860'}), timeout=4)"]
CMD ["nearhood", "serve", "--host", "0.0.0.0", "--port", "7860"]

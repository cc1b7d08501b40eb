# The site: web, uploads, workers, beat and release are this image with the Procfile's commands (compose.yaml).
FROM python:3.11-slim-bookworm

RUN useradd --system --uid 10001 --user-group --create-home --home-dir /var/lib/orbit orbit
WORKDIR /opt/orbit
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
ENV STATE_DIR=/var/lib/orbit SITE_BIND=0.0.0.0:8000 UPLOADS_BIND=0.0.0.0:8001 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
EXPOSE 8000 8001
# The argument names a line of the Procfile: `docker run … worker`.
ENTRYPOINT ["deploy/docker/run-line.sh"]
CMD ["web"]

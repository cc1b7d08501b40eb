"""The lane's two HTTP resources, for the site: `POST /lane/submits` and `GET /lane/log`."""

// The API's documentation page: Swagger UI over our own document.
const place = document.getElementById("swagger")
window.SwaggerUIBundle({ url: place.dataset.url, domNode: place, deepLinking: true, validatorUrl: null })

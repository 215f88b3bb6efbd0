using System.Net;
using KestrelWebSocketPeer;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning); // The default logs two lines per request.
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, builder.Configuration.GetValue("port", 8082)));
builder.Services.AddSingleton<Broadcaster>();
var app = builder.Build();
app.UseWebSockets();

app.MapGet("/sub", async (string topic, Broadcaster broadcaster, HttpContext context) =>
{
    if (!context.WebSockets.IsWebSocketRequest)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return;
    }

    var audience = broadcaster[topic];
    var queue = audience.Add(); // Before the answer: who is connected misses nothing.
    try
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await Subscriber.RunAsync(socket, queue);
    }
    finally
    {
        audience.Remove(queue);
    }
});

app.MapPost("/pub", async (string topic, Broadcaster broadcaster, HttpRequest request) =>
{
    using var reader = new StreamReader(request.Body);
    var payload = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
    broadcaster.Publish(topic, request.ContentType ?? "application/octet-stream", payload);
    return Results.Ok();
});

await app.StartAsync();
Console.WriteLine($"listening on {app.Urls.First()}");
await app.WaitForShutdownAsync();

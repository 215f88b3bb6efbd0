using System.Net;
using KestrelPeer;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning); // The default logs two lines per request.
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, builder.Configuration.GetValue("port", 8081)));
builder.Services.AddSingleton<Broadcaster>();
var app = builder.Build();

app.MapGet("/sub", async (string channel, Broadcaster broadcaster, HttpContext context) =>
{
    var closed = context.RequestAborted;
    context.Response.ContentType = "text/event-stream";
    context.Response.Headers.CacheControl = "no-cache";

    var events = broadcaster.Subscribe(channel);
    try
    {
        await context.Response.Body.FlushAsync(closed); // The head goes out at once: the subscriber sees that it is connected.
        await foreach (var encoded in events.ReadAllAsync(closed))
        {
            await context.Response.Body.WriteAsync(encoded, closed);
            await context.Response.Body.FlushAsync(closed);
        }
    }
    catch (OperationCanceledException) when (closed.IsCancellationRequested)
    {
        // The subscriber went away.
    }
    finally
    {
        broadcaster.Unsubscribe(channel, events);
    }
});

app.MapPost("/pub", async (string channel, Broadcaster broadcaster, HttpRequest request) =>
{
    using var reader = new StreamReader(request.Body);
    broadcaster.Publish(channel, await reader.ReadToEndAsync(request.HttpContext.RequestAborted));
    return Results.Ok();
});

await app.StartAsync();
Console.WriteLine($"listening on {app.Urls.First()}");
await app.WaitForShutdownAsync();

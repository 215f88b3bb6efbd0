using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.SignalR;
using SignalRPeer;

var lastId = 0L;
var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning); // The default logs two lines per request.
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, builder.Configuration.GetValue("port", 8083)));
builder.Services.AddSignalR();
var app = builder.Build();

app.MapHub<EventHub>("/hub");

app.MapPost("/pub", async (string topic, IHubContext<EventHub, IEventClient> hub, HttpRequest request) =>
{
    using var reader = new StreamReader(request.Body);
    var payload = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
    var id = Interlocked.Increment(ref lastId).ToString(CultureInfo.InvariantCulture);
    await hub.Clients.Group(topic).Receive(new Envelope(id, topic, TimeProvider.System.GetUtcNow(), request.ContentType ?? "application/octet-stream", payload));
    return Results.Ok();
});

await app.StartAsync();
Console.WriteLine($"listening on {app.Urls.First()}");
await app.WaitForShutdownAsync();

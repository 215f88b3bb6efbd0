using System.Text;
using Spillway;
using Spillway.Events;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSpillway();
var app = builder.Build();
app.MapSpillway("/push");
app.UseFileServer();

// Whatever the application knows becomes an event: here, the time, once a second.
app.Lifetime.ApplicationStarted.Register(() => _ = Task.Run(async () =>
{
    var publisher = app.Services.GetRequiredService<IEventPublisher>();
    using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
    while (await timer.WaitForNextTickAsync(app.Lifetime.ApplicationStopping))
    {
        var time = TimeProvider.System.GetLocalNow().ToString("T");
        await publisher.PublishAsync(new PushEvent { Topic = "clock", Payload = Encoding.UTF8.GetBytes(time) });
    }
}));

app.Run();

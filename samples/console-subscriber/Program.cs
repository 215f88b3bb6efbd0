using Spillway.Client;

var hub = new Uri(args.Length > 0 ? args[0] : "http://127.0.0.1:8080/");
var pattern = args.Length > 1 ? args[1] : "**";
var cursorFile = args.Length > 2 ? args[2] : "subscriber.cursor";
var start = File.Exists(cursorFile) ? StartingPoint.After(await File.ReadAllTextAsync(cursorFile)) : StartingPoint.Earliest;

using var client = new SpillwayClient(hub);
await foreach (var item in client.SubscribeAsync(new SubscribeOptions { Patterns = [pattern], Start = start }))
{
    Console.WriteLine(item switch
    {
        ReceivedEvent received => $"{received.Time:u} {received.Topic} {received.Text}",
        GapNotice gap => $"missed {(gap.Count is { } count ? $"{count} events" : "an unknown number of events")} ({gap.Reason})",
        DisconnectedNotice lost => $"{lost.Detail} Again in {lost.Delay.TotalSeconds:F1} s.",
        _ => item.GetType().Name,
    });
    if (item.Cursor.Length > 0)
    {
        await File.WriteAllTextAsync(cursorFile, item.Cursor); // Once the item is dealt with: the next run goes on behind it.
    }
}

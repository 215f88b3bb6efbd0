using Spillway.Cli.Serve;

namespace Spillway.Cli.Demo;

/// <summary>What a visitor can try from another terminal. Every line is run by a test.</summary>
internal static class DemoGuide
{
    private const string Pattern = $"pattern={Wire.AlertPattern}";

    /// <param name="command">How the command is run.</param>
    /// <param name="hub">Where the hub is.</param>
    /// <param name="cursor">A position that the hub still has.</param>
    public static IEnumerable<string> Write(string command, Uri hub, string cursor)
    {
        var url = hub.GetLeftPart(UriPartial.Authority);
        var option = url == ServeSettings.DefaultUrl ? "" : $" --hub {url}";
        return
        [
            "",
            $"Open {url}/ in a browser. Ctrl+C ends the demo.",
            "",
            "Follow the alerts:",
            $"  curl -N '{url}/events?{Pattern}'",
            $"  {command} subscribe --pattern '{Wire.AlertPattern}'{option}",
            "Publish one of your own, and see it on the page:",
            $"  curl -H 'Content-Type: text/plain' -H 'Spillway-Type: alert' -d 'Visitor at the gate' {url}/topics/alerts/north",
            $"  {command} publish alerts/north 'Visitor at the gate' --type alert{option}",
            "Resume behind a cursor, and miss nothing since:",
            $"  curl -N -H 'Last-Event-ID: {cursor}' '{url}/events?{Pattern}'",
            $"  {command} subscribe --pattern '{Wire.AlertPattern}' --cursor {cursor}{option}",
            "See the newest reading of every sensor, then what follows:",
            $"  curl -N '{url}/events?pattern={Wire.ReadingPattern}&snapshot&format=json'",
            $"  {command} subscribe --pattern '{Wire.ReadingPattern}' --snapshot{option}",
            "Look at the hub's metrics:",
            $"  curl {url}/metrics",
            $"  {command} status{option}",
        ];
    }
}

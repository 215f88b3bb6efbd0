using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Spillway.Client;

namespace Spillway.Cli.Subscribe;

/// <summary>For people: time, topic, type and payload, divided by tabs. Nothing that a publisher sends can move the cursor or colour the terminal.</summary>
internal sealed class TextEventPrinter(TextWriter output, bool colours) : IEventPrinter
{
    private const string Dim = "\e[2m";
    private const string Cyan = "\e[36m";
    private const string Yellow = "\e[33m";
    private const string Reset = "\e[0m";

    public Task PrintAsync(ReceivedEvent received)
    {
        var line = new StringBuilder();
        Append(line, Dim, received.Time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)).Append('\t');
        Append(line, Cyan, received.Topic).Append('\t');
        Append(line, Yellow, received.Type ?? "-").Append('\t');
        AppendSafe(line, Utf8.IsValid(received.Payload.Span) ? received.Text : "base64:" + Convert.ToBase64String(received.Payload.Span));
        return output.WriteLineAsync(line);
    }

    private StringBuilder Append(StringBuilder line, string colour, string text)
    {
        line.Append(colours ? colour : "");
        AppendSafe(line, text);
        return line.Append(colours ? Reset : "");
    }

    private static void AppendSafe(StringBuilder line, string text)
    {
        foreach (var c in text)
        {
            _ = c switch
            {
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                '\t' => line.Append("\\t"),
                _ when char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator =>
                    line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => line.Append(c),
            };
        }
    }
}

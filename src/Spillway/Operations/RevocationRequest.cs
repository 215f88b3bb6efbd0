using System.Text.Json;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Operations;

/// <summary>What an operator takes back: <c>{"subject":"ann"}</c>, <c>{"jti":"7f3a","for":"1h"}</c> or <c>{"connection":"c-…"}</c>.</summary>
/// <param name="Kind">By what, where it is no connection.</param>
/// <param name="Name">The subject, or the token's id.</param>
/// <param name="For">How long that is to be known; null: for good.</param>
/// <param name="Connection">The connection that is to end; null: there is a name.</param>
internal sealed record RevocationRequest(RevocationKind Kind, string Name, TimeSpan? For, ulong? Connection)
{
    private const int MaxName = 1_024;
    private const string HowTo = "send one JSON object with one of subject, jti (the id of a token) and connection, and with \"for\", a duration, where it need not be known for good";

    public static Problem? Read(ReadOnlySpan<byte> body, out RevocationRequest? asked)
    {
        asked = null;
        try
        {
            using var document = JsonDocument.Parse(body.ToArray());
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement, out asked) : Problem.InvalidJson($"The body is no JSON object; {HowTo}.");
        }
        catch (JsonException)
        {
            return Problem.InvalidJson($"The body is not valid JSON; {HowTo}.");
        }
    }

    public override string ToString() => Connection is { } id ? ConnectionId.Format(id) : $"{(Kind == RevocationKind.Subject ? "subject" : "jti")} {Name}";

    private static Problem? Read(JsonElement body, out RevocationRequest? asked)
    {
        (asked, var names) = (null, 0);
        TimeSpan? time = null;
        foreach (var member in body.EnumerateObject())
        {
            var text = member.Value.ValueKind == JsonValueKind.String ? TextOf(member.Value) : "";
            switch (member.Name)
            {
                case "subject" or "jti" when text.Length is > 0 and <= MaxName:
                    (asked, names) = (new RevocationRequest(member.Name == "subject" ? RevocationKind.Subject : RevocationKind.Token, text, null, null), names + 1);
                    break;
                case "connection" when ConnectionId.TryParse(text, out var id):
                    (asked, names) = (new RevocationRequest(RevocationKind.Token, "", null, id), names + 1);
                    break;
                case "for" when Duration.TryParse(text, out var given) && given > TimeSpan.Zero && given < TimeSpan.FromDays(36_500):
                    time = given;
                    break;
                default:
                    asked = null;
                    return Problem.InvalidParameter(Problem.Cut(member.Name), member.Value.GetRawText(), $"The member \"{Problem.Cut(member.Name)}\" is not known, or its value is not one that it takes; {HowTo}.");
            }
        }

        if (asked is null || names > 1)
        {
            asked = null;
            return Problem.InvalidParameter("subject", null, $"It must be one thing that is taken back; {HowTo}.");
        }

        asked = asked with { For = time };
        return null;
    }

    private static string TextOf(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return ""; // Half of a surrogate pair, escaped: nobody is named so.
        }
    }
}

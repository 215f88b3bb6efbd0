using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Problems;
using Spillway.Transports;

namespace Spillway.Operations;

/// <summary>Which connections an operator asks for.</summary>
/// <param name="Filter">Those.</param>
/// <param name="From">Where to begin: a loop, and a number on it.</param>
/// <param name="Limit">The most of them.</param>
internal sealed record ConnectionQuery(ConnectionFilter Filter, (int Loop, int Number) From, int Limit)
{
    public static Problem? Read(IQueryCollection query, out ConnectionQuery asked)
    {
        var read = new ConnectionQuery(new ConnectionFilter(), (0, 0), PageQuery.DefaultLimit);
        var problem = PageQuery.Read(query, (name, value) => Take(name, value, ref read));
        asked = read;
        return problem;
    }

    /// <summary>What goes on behind a page, as a text that <c>after</c> takes.</summary>
    public static string Format((int Loop, int Number) next) => string.Create(CultureInfo.InvariantCulture, $"{next.Loop}-{next.Number}");

    private static string Take(string name, string value, ref ConnectionQuery asked)
    {
        var filter = asked.Filter;
        switch (name)
        {
            case "subject":
                asked = asked with { Filter = filter with { Lease = lease => lease is AccessLease { Ticket.Subject: { } subject } && subject == value } };
                return "";
            case "topic":
                var topic = Encoding.UTF8.GetBytes(value);
                asked = asked with { Filter = filter with { Selectors = set => set.MayMatch(topic) } };
                return Topic.TryValidate(value, out var wrong) ? "" : $"is no topic: it {wrong}";
            case "state" when FilterOf(value, filter) is { } chosen:
                asked = asked with { Filter = chosen };
                return "";
            case "state":
                return "is no state; give it live, replay, slow or ending";
            case "after" when TryParse(value, out var from):
                asked = asked with { From = from };
                return "";
            case "after":
                return "is not what a page before gave as \"next\"";
            case "limit":
                var fault = PageQuery.TakeLimit(value, out var limit);
                asked = asked with { Limit = limit };
                return fault;
            default:
                return "is not known here; use subject, topic, state, after and limit";
        }
    }

    private static ConnectionFilter? FilterOf(string state, ConnectionFilter filter) => state switch
    {
        "live" => filter with { State = ConnectionState.Live, IsSlow = false },
        "slow" => filter with { IsSlow = true },
        "replay" => filter with { State = ConnectionState.Replay, IsSlow = false },
        "ending" => filter with { State = ConnectionState.Ending, IsSlow = false },
        _ => null,
    };

    private static bool TryParse(string text, out (int Loop, int Number) from)
    {
        from = default;
        return text.IndexOf('-', StringComparison.Ordinal) is var dash and > 0 && int.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out from.Loop)
            && int.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out from.Number);
    }
}

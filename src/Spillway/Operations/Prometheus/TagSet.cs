using System.Globalization;
using System.Text;

namespace Spillway.Operations.Prometheus;

/// <summary>The tags of a measurement: hashed and compared where they lie, in any order, and written as labels once.</summary>
internal static class TagSet
{
    public static int Hash(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = tags.Length;
        foreach (var (key, value) in tags)
        {
            hash += HashCode.Combine(key, value); // Added, not chained: the order does not matter.
        }

        return hash;
    }

    public static bool Same(ReadOnlySpan<KeyValuePair<string, object?>> tags, KeyValuePair<string, object?>[] others)
    {
        if (tags.Length != others.Length)
        {
            return false;
        }

        for (var i = 0; i < tags.Length; i++)
        {
            if (!Matches(tags[i], others[i]) && !Array.Exists(others, Matcher(tags[i])))
            {
                return false;
            }
        }

        return true;

        static bool Matches(KeyValuePair<string, object?> a, KeyValuePair<string, object?> b) => a.Key == b.Key && Equals(a.Value, b.Value);
        static Predicate<KeyValuePair<string, object?>> Matcher(KeyValuePair<string, object?> tag) => other => Matches(tag, other);
    }

    /// <summary>The labels without braces, in the order of their names. A tag without a value is no label: to Prometheus they are the same.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, tag) in tags)
        {
            var value = Text(tag);
            var name = PrometheusName.OfLabel(key);
            if (value.Length > 0)
            {
                labels[name] = labels.TryGetValue(name, out var other) ? $"{other};{value}" : value; // Two keys became one name.
            }
        }

        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"").Append(PrometheusWriter.EscapeLabel(value)).Append('"');
        }

        return text.ToString();
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}

using System.Globalization;
using System.Reflection;
using Spillway.Events;

namespace Spillway.Configuration;

/// <summary>Values of options as people write and read them: <c>15s</c>, <c>64MiB</c>, <c>drop-oldest</c>.</summary>
internal static class OptionText
{
    private static readonly (string Unit, long Bytes)[] Sizes = [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10)];

    private static readonly (string Unit, long Ticks)[] Spans =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads a value for a property. What does not fit its type is refused; whether it is in bounds is asked later.</summary>
    public static bool TryParse(PropertyInfo property, string text, out object? value)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        text = text.Trim();
        value = null;
        if (type == typeof(string))
        {
            value = text;
        }
        else if (type == typeof(bool))
        {
            value = bool.TryParse(text, out var flag) ? flag : null;
        }
        else if (type == typeof(TimeSpan))
        {
            value = TryParseSpan(text, out var span) ? span : null;
        }
        else if (type == typeof(DateTimeOffset))
        {
            value = Timestamp.TryParse(text, out var time) ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;
        }
        else if (type.IsEnum)
        {
            value = Enum.GetValues(type).Cast<object>().FirstOrDefault(each => Plain(each.ToString()!) == Plain(text));
        }
        else if (type == typeof(double))
        {
            value = double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) ? share : null;
        }
        else if (TryParseNumber(text, IsBytes(property), out var number) && (type == typeof(long) || number is >= int.MinValue and <= int.MaxValue))
        {
            value = Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
        }

        return value is not null;
    }

    /// <summary>A value as it could be written.</summary>
    public static string Format(PropertyInfo property, object? value) => value switch
    {
        null => "none",
        string text => $"\"{text}\"",
        IList<string> texts => texts.Count == 0 ? "none" : string.Join(", ", texts.Select(static text => $"\"{text}\"")),
        bool flag => flag ? "true" : "false",
        TimeSpan span => Format(span),
        DateTimeOffset time => Timestamp.Format(time),
        Enum choice => Kebab(choice.ToString()),
        _ => FormatNumber(Convert.ToDouble(value, CultureInfo.InvariantCulture), IsBytes(property)),
    };

    /// <summary>What a property takes, as the end of "give it …".</summary>
    public static string Wanted(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (OptionShape.BoundsOf(property) is var (minimum, maximum))
        {
            return maximum is double and >= long.MaxValue
                ? $"{Format(property, minimum)} or more" : $"{Format(property, minimum)} to {Format(property, maximum)}";
        }

        return type == typeof(bool) ? "true or false"
            : type.IsEnum ? string.Join(" or ", Enum.GetNames(type).Select(Kebab))
            : type == typeof(string) ? "text"
            : OptionShape.IsTextList(type) ? "a list of texts"
            : type == typeof(TimeSpan) ? "a duration like 15s"
            : type == typeof(DateTimeOffset) ? "a time like 2027-01-31T08:00:00Z"
            : type == typeof(double) ? "a number like 0.01"
            : "a whole number";
    }

    /// <summary>Whether a number counts bytes, and may have KiB, MiB or GiB behind it.</summary>
    public static bool IsBytes(PropertyInfo property) => property.Name.EndsWith("Bytes", StringComparison.Ordinal);

    /// <summary>Reads a duration in .NET's own form, as attributes hold it.</summary>
    public static TimeSpan Canonical(string text) => TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture);

    private static bool TryParseSpan(string text, out TimeSpan span) => text.Contains(':', StringComparison.Ordinal)
        ? TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out span)
        : Duration.TryParse(text, out span); // "15" is 15 seconds, as everywhere; to .NET it would be 15 days.

    private static bool TryParseNumber(string text, bool bytes, out long number)
    {
        var factor = 1L;
        foreach (var (unit, size) in Sizes)
        {
            if (bytes && text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                (factor, text) = (size, text[..^unit.Length].TrimEnd());
                break;
            }
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) || Math.Abs((double)number) > long.MaxValue / factor)
        {
            return false;
        }

        number *= factor;
        return true;
    }

    private static string Format(TimeSpan span)
    {
        foreach (var (unit, ticks) in Spans)
        {
            if (span.Ticks != 0 && span.Ticks % ticks == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{span.Ticks / ticks}{unit}");
            }
        }

        return span.Ticks == 0 ? "0s" : span.ToString("c", CultureInfo.InvariantCulture);
    }

    private static string FormatNumber(double number, bool bytes)
    {
        foreach (var (unit, size) in Sizes)
        {
            if (bytes && number != 0 && number % size == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{number / size}{unit}");
            }
        }

        return number.ToString("0.####", CultureInfo.InvariantCulture);
    }

    private static string Kebab(string name) =>
        string.Concat(name.Select(static (c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));

    private static string Plain(string name) => name.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
}

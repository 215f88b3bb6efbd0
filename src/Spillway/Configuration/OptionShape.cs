using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Spillway.Configuration;

/// <summary>What the option classes look like to configuration: sections hold values, sections and lists of sections.</summary>
internal static class OptionShape
{
    public static IEnumerable<PropertyInfo> PropertiesOf(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance);

    /// <summary>Whether a property is a section of its own.</summary>
    public static bool IsSection(Type type) => type.IsClass && type.Assembly == typeof(SpillwayOptions).Assembly;

    /// <summary>What a list of sections holds; null where the property is no such list.</summary>
    public static Type? ElementOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>) && !IsTextList(type) ? type.GetGenericArguments()[0] : null;

    /// <summary>Whether a property is a list of texts, which counts as one value.</summary>
    public static bool IsTextList(Type type) => type == typeof(IList<string>);

    /// <summary>All values of a section and of those in it, with their keys; a list's are under the number <c>0</c>.</summary>
    public static IEnumerable<(string Key, PropertyInfo Property)> ValuesOf(Type type, string key)
    {
        foreach (var property in PropertiesOf(type))
        {
            var own = $"{key}:{property.Name}";
            var nested = ElementOf(property.PropertyType) is { } element ? ValuesOf(element, own + ":0")
                : IsSection(property.PropertyType) ? ValuesOf(property.PropertyType, own)
                : [(own, property)];
            foreach (var value in nested)
            {
                yield return value;
            }
        }
    }

    /// <summary>The bounds of a value; null where it has none.</summary>
    public static (object Minimum, object Maximum)? BoundsOf(PropertyInfo property)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is not { } range)
        {
            return null;
        }

        return range.OperandType == typeof(TimeSpan)
            ? (OptionText.Canonical((string)range.Minimum), OptionText.Canonical((string)range.Maximum))
            : (range.Minimum, range.Maximum);
    }
}

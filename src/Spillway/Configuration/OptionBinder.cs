using System.Collections;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Spillway.Configuration;

/// <summary>
/// Binds a section of configuration to options and collects every fault. .NET's own binder stops at the first bad value, passes over unknown keys in silence, and reads
/// the duration <c>15</c> as days.
/// </summary>
internal sealed class OptionBinder(List<string> faults)
{
    public void Bind(IConfigurationSection section, object options)
    {
        foreach (var child in section.GetChildren())
        {
            var properties = OptionShape.PropertiesOf(options.GetType());
            if (properties.FirstOrDefault(each => each.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is not { } property)
            {
                faults.Add(Unknown(section, child, options.GetType()));
            }
            else if (OptionShape.IsTextList(property.PropertyType))
            {
                BindTexts(child, (IList<string>)property.GetValue(options)!);
            }
            else if (OptionShape.ElementOf(property.PropertyType) is { } element)
            {
                BindList(child, (IList)property.GetValue(options)!, element);
            }
            else if (OptionShape.IsSection(property.PropertyType))
            {
                BindSection(child, property.GetValue(options)!);
            }
            else
            {
                BindValue(child, options, property);
            }
        }
    }

    private void BindSection(IConfigurationSection section, object options)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            faults.Add($"{section.Path} is \"{section.Value}\", but it is a section; set the options in it, for example "
                + $"{section.Path}:{OptionShape.PropertiesOf(options.GetType()).First().Name}.");
        }

        Bind(section, options);
    }

    private void BindList(IConfigurationSection section, IList list, Type element)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            faults.Add($"{section.Path} is \"{section.Value}\", but it is a list; begin with {section.Path}:0:{OptionShape.PropertiesOf(element).First().Name}.");
        }

        foreach (var child in section.GetChildren())
        {
            if (!int.TryParse(child.Key, out _))
            {
                faults.Add($"{child.Path} is in a list, whose members are numbered; write {section.Path}:0:{child.Key} for the first.");
                continue;
            }

            var item = Activator.CreateInstance(element)!;
            BindSection(child, item);
            list.Add(item);
        }
    }

    private void BindTexts(IConfigurationSection section, IList<string> list)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            faults.Add($"{section.Path} is \"{section.Value}\", but it is a list; write {section.Path}:0 for the first.");
        }

        foreach (var child in section.GetChildren())
        {
            if (int.TryParse(child.Key, out _) && child.Value is { } text)
            {
                list.Add(text.Trim());
            }
            else
            {
                faults.Add($"{child.Path} is in a list of texts, whose members are numbered and are texts; write {section.Path}:0 for the first.");
            }
        }
    }

    private void BindValue(IConfigurationSection section, object options, PropertyInfo property)
    {
        if (section.GetChildren().FirstOrDefault() is { } child)
        {
            faults.Add($"{child.Path} is set, but {section.Path} is one value; give it {OptionText.Wanted(property)}.");
        }
        else if (string.IsNullOrEmpty(section.Value) && Nullable.GetUnderlyingType(property.PropertyType) is not null)
        {
            property.SetValue(options, null); // Written empty: switched off.
        }
        else if (OptionText.TryParse(property, section.Value ?? "", out var value))
        {
            property.SetValue(options, value);
        }
        else
        {
            faults.Add($"{section.Path} is \"{section.Value}\"; give it {OptionText.Wanted(property)}.");
        }
    }

    private static string Unknown(IConfigurationSection section, IConfigurationSection child, Type options)
    {
        var value = child.Value is null ? "" : $" (\"{child.Value}\")";
        var nearest = OptionShape.PropertiesOf(options).MinBy(each => EditDistance.Between(each.Name, child.Key))!.Name;
        var near = EditDistance.Between(nearest, child.Key) <= Math.Max(2, child.Key.Length / 3);
        return near ? $"{child.Path}{value} is no option; did you mean {section.Path}:{nearest}?"
            : $"{child.Path}{value} is no option; remove it. docs/operations.md lists all options.";
    }
}

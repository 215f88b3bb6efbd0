using System.Globalization;
using System.Reflection;

namespace Spillway.Tests.PublicApi;

/// <summary>Writes types and values as C# does.</summary>
internal static class CSharpName
{
    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Keywords = new (Type Type, string Word)[]
    {
        (typeof(void), "void"), (typeof(object), "object"), (typeof(string), "string"), (typeof(bool), "bool"), (typeof(char), "char"),
        (typeof(byte), "byte"), (typeof(sbyte), "sbyte"), (typeof(short), "short"), (typeof(ushort), "ushort"), (typeof(int), "int"),
        (typeof(uint), "uint"), (typeof(long), "long"), (typeof(ulong), "ulong"), (typeof(float), "float"), (typeof(double), "double"),
        (typeof(decimal), "decimal"),
    }.ToDictionary(static keyword => keyword.Type, static keyword => keyword.Word);

    public static string Of(ParameterInfo parameter) => Of(Nullability.Create(parameter));

    public static string Of(PropertyInfo property) => Of(Nullability.Create(property));

    public static string Of(FieldInfo field) => Of(Nullability.Create(field));

    public static string Of(EventInfo happening) => Of(Nullability.Create(happening));

    public static string Of(Type type) => Of(type, null);

    /// <summary>A constant, as a default value or the value of a field.</summary>
    public static string Of(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Of(NullabilityInfo info)
    {
        var state = info.ReadState == NullabilityState.Unknown ? info.WriteState : info.ReadState;
        var mark = state == NullabilityState.Nullable && !info.Type.IsValueType ? "?" : "";
        return Of(info.Type.IsByRef ? info.Type.GetElementType()! : info.Type, info) + mark;
    }

    private static string Of(Type type, NullabilityInfo? info)
    {
        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword;
        }

        if (type.IsArray)
        {
            return (info?.ElementType is { } element ? Of(element) : Of(type.GetElementType()!)) + "[]";
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying) + "?";
        }

        var name = type.IsNested && !type.IsGenericParameter ? $"{Of(type.DeclaringType!)}.{type.Name}" : type.Name;
        if (!type.IsGenericType)
        {
            return name;
        }

        var known = info?.GenericTypeArguments is { Length: > 0 } arguments && arguments.Length == type.GetGenericArguments().Length;
        var names = known ? info!.GenericTypeArguments.Select(Of) : type.GetGenericArguments().Select(Of);
        return $"{name.Split('`')[0]}<{string.Join(", ", names)}>";
    }
}

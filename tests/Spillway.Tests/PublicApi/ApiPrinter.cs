using System.Reflection;
using System.Runtime.CompilerServices;

namespace Spillway.Tests.PublicApi;

/// <summary>Prints what an assembly shows to others: a line per type, and below it a line per member.</summary>
internal static class ApiPrinter
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Print(Assembly assembly)
    {
        var lines = new List<string> { $"assembly {assembly.GetName().Name}" };
        foreach (var type in assembly.GetExportedTypes().OrderBy(static type => type.FullName, StringComparer.Ordinal))
        {
            lines.Add("");
            lines.AddRange(Print(type));
        }

        return string.Join('\n', lines) + "\n";
    }

    public static IEnumerable<string> Print(Type type) =>
        Members(type).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(static line => "    " + line).Prepend(Head(type));

    private static string Head(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsSealed: true } => typeof(Delegate).IsAssignableFrom(type) ? "delegate" : "sealed class",
            { IsAbstract: true } => "abstract class",
            _ => "class",
        };
        var parents = type.IsEnum || type.IsValueType ? [] : new[] { type.BaseType }.OfType<Type>().Where(static parent => parent != typeof(object));
        var all = parents.Concat(type.IsEnum ? [] : type.GetInterfaces().Where(static parent => parent.IsVisible)).Select(CSharpName.Of).ToList();
        return $"{kind} {type.Namespace}.{CSharpName.Of(type)}{(all.Count == 0 ? "" : " : " + string.Join(", ", all.Order(StringComparer.Ordinal)))}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        foreach (var member in type.GetMembers(Declared))
        {
            var line = member switch
            {
                FieldInfo { IsSpecialName: true } => null, // An enum's storage.
                FieldInfo field when IsVisible(field.Attributes) => Print(field),
                ConstructorInfo method when IsVisible(method.Attributes) => $"{Modifiers(method)}{CSharpName.Of(type)}({Parameters(method)})",
                MethodInfo method when IsVisible(method.Attributes) && !IsSynthesized(method) => $"{Modifiers(method)}{CSharpName.Of(method.ReturnParameter)} {Name(method)}({Parameters(method)})",
                PropertyInfo property when Accessors(property) is { Length: > 0 } accessors => Print(property, accessors),
                EventInfo happening when IsVisible(happening.AddMethod!.Attributes) => $"event {CSharpName.Of(happening)} {happening.Name}",
                _ => null,
            };
            if (line is not null)
            {
                yield return line;
            }
        }
    }

    private static string Print(FieldInfo field) => field switch
    {
        { DeclaringType.IsEnum: true } => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), null)}",
        { IsLiteral: true } => $"const {CSharpName.Of(field)} {field.Name} = {CSharpName.Of(field.GetRawConstantValue())}",
        _ => $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{CSharpName.Of(field)} {field.Name}",
    };

    private static string Print(PropertyInfo property, string accessors)
    {
        var indexes = property.GetIndexParameters();
        var name = indexes.Length == 0 ? property.Name : $"this[{string.Join(", ", indexes.Select(Print))}]";
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        return $"{Modifiers(property.GetMethod ?? property.SetMethod!)}{required}{CSharpName.Of(property)} {name} {{ {accessors}}}";
    }

    private static string Accessors(PropertyInfo property)
    {
        var read = property.GetMethod is { } get && IsVisible(get.Attributes) ? "get; " : "";
        var write = property.SetMethod is { } set && IsVisible(set.Attributes)
            ? set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; " : "set; " : "";
        return read + write;
    }

    private static string Name(MethodInfo method) =>
        method.IsGenericMethod ? $"{method.Name}<{string.Join(", ", method.GetGenericArguments().Select(CSharpName.Of))}>" : method.Name;

    private static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + string.Join(", ", method.GetParameters().Select(Print));

    private static string Print(ParameterInfo parameter)
    {
        var direction = parameter switch
        {
            { IsOut: true } => "out ",
            { IsIn: true, ParameterType.IsByRef: true } => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ => "",
        };
        var value = parameter.HasDefaultValue ? $" = {CSharpName.Of(parameter.DefaultValue)}" : "";
        return $"{direction}{CSharpName.Of(parameter)} {parameter.Name}{value}";
    }

    private static string Modifiers(MethodBase method) => (method.IsFamily || method.IsFamilyOrAssembly ? "protected " : "") + method switch
    {
        ConstructorInfo => "",
        { DeclaringType.IsInterface: true, IsStatic: false } => "",
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true, IsFinal: false } => ((MethodInfo)method).GetBaseDefinition() == method ? "virtual " : "override ",
        _ => "",
    };

    // What the compiler writes for a property, an event or a record follows from the line that we print for it.
    private static bool IsSynthesized(MethodInfo method) =>
        method.IsDefined(typeof(CompilerGeneratedAttribute)) || (method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal));

    private static bool IsVisible(MethodAttributes attributes) =>
        (attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    private static bool IsVisible(FieldAttributes attributes) =>
        (attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;
}

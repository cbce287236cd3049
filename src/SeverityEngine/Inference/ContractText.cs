using System.Globalization;

namespace SeverityEngine.Inference;

/// <summary>The contract's data as text, and back; what cannot be read is collected, so that a message can name all of it.</summary>
sealed class ContractText(IReadOnlyDictionary<string, string> metadata, ICollection<string> faults)
{
    public static string Write(ScoreRange range)
    {
        if (!(range.Lowest < range.Highest && double.IsFinite(range.Lowest) && double.IsFinite(range.Highest)))
            throw new SeverityException(SeverityError.InvalidArgument, $"{range} is no range of scores");
        return string.Create(CultureInfo.InvariantCulture, $"{range.Lowest:R},{range.Highest:R}");
    }

    public static void CheckLabels(IReadOnlyList<string> labels, IReadOnlyList<float> operatingPoints)
    {
        foreach (string label in labels)
        {
            if (label.Length == 0 || label.Contains(',') || label.Trim() != label)
                throw new SeverityException(SeverityError.InvalidArgument, $"the label '{label}' cannot be written in a list with commas");
        }
        if (operatingPoints.Count > 0 && (operatingPoints.Count != labels.Count || operatingPoints.Any(p => p is not (> 0 and < 1))))
            throw new SeverityException(
                SeverityError.InvalidArgument, $"{labels.Count} labels need as many operating points between 0 and 1");
    }

    public string? Optional(string key) => metadata.TryGetValue(key, out string? text) && !string.IsNullOrWhiteSpace(text) ? text : null;

    public string Required(string key)
    {
        if (Optional(key) is { } text)
            return text;
        faults.Add($"{key} is missing");
        return "";
    }

    public ScoreRange Range(string key)
    {
        string text = Required(key);
        string[] ends = text.Split(',');
        if (ends.Length == 2 && TryNumber(ends[0], out double minimum) && TryNumber(ends[1], out double maximum) && minimum < maximum)
            return new ScoreRange(minimum, maximum);
        if (text.Length > 0)
            faults.Add($"{key} is '{text}', which is no range such as 0,8");
        return default;
    }

    public IReadOnlyList<string> List(string key)
    {
        if (Optional(key) is not { } text)
            return [];
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Contains(""))
            faults.Add($"{key} has an empty entry");
        return parts;
    }

    public IReadOnlyList<float> Probabilities(string key)
    {
        IReadOnlyList<string> parts = List(key);
        float[] numbers = new float[parts.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!float.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i])
                || numbers[i] is not (> 0 and < 1))
                faults.Add($"{key} has '{parts[i]}', which is no number between 0 and 1");
        }
        return numbers;
    }

    static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}

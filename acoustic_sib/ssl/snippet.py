"""The lines that write the canonical table of predictions from a Trainer."""

SNIPPET = """\
import pandas as pd
# `test_set` is what the Trainer is given to predict; `test_ids` are its clips' ids, in its order.
outputs = trainer.predict(test_set)
logits = outputs.predictions  # (clips, classes)
names = [trainer.model.config.id2label[number] for number in range(logits.shape[1])]
table = pd.DataFrame(logits, columns=[f"logit_{name}" for name in names])
table.insert(0, "clip_id", test_ids)
table.insert(1, "predicted", [names[number] for number in logits.argmax(axis=1)])
table.insert(2, "true", [names[number] for number in outputs.label_ids])
table.insert(3, "fold", 0)  # the number of the fold, where you train several times
table.to_csv("predictions.csv", index=False)
"""

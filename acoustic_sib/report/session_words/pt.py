"""Portuguese words of the session report."""

PORTUGUESE = {
    "title": "Relatório da sessão",
    "subtitle": "Sibilantes medidas em gravações",
    "skip": "Ir para as contagens",
    "made_on": "Feito em",
    "speaker": "Falante",
    "recordings": "Gravações",
    "read_of": "{read} de {total} lidas",
    "sibilants": "Sibilantes",
    "assessable_of": "{n} de {total} avaliáveis",
    "model": "Modelo",
    "reference": "Comparado com",
    "all_normal": "todos os falantes Normal do treino ({n})",
    "all_normal_unknown": "todos os sons Normal do treino, falantes desconhecidos",
    "group_normal": "falantes Normal do treino: {group} ({n})",
    "no_normal": "ninguém: o treino conhece poucos falantes Normal",
    "fallback": "o treino não tem referência para {asked}",
    "level": "Conjuntos de classes",
    "level_says": "contêm a classe verdadeira em {percent} das vezes; várias classes num conjunto "
    "significam “incerto”",
    "device": "Um programa que analisa um sinal é provavelmente um dispositivo médico regulado "
    "quando usado para diagnóstico. Este não foi aprovado como tal e nada alega. Diga "
    "“compatível com”, nunca “é”.",
    "counts": "Contagens",
    "of_whom": "Gravação ou falante",
    "counts_caption": "Sibilantes por classe",
    "counts_note": "Contagem, parcela das sibilantes avaliáveis e seu intervalo de 95 % (Wilson). "
    "Uma classe conta onde os dados excluem todas as outras; o resto é incerto. As sibilantes são "
    "tomadas como independentes: o intervalo é destas gravações e nada diz de outro dia.",
    "all": "Todas as gravações",
    "sound": "{name}, som “{sound}”",
    "assessable": "Avaliáveis",
    "uncertain": "incerto",
    "one_by_one": "As sibilantes, uma a uma",
    "key": "As letras representam classes: {letters}; “?” significa incerto e “–” não avaliável. A "
    "barra é a probabilidade da classe mais provável.",
    "number": "N.º",
    "time": "Tempo (s)",
    "label": "Som",
    "class": "Classe",
    "probability": "Probabi\u00adlidade",
    "not_assessable": "não avaliável",
    "unlike": "Cautela: {reason}.",
    "numbers": "Números do n.º {number}",
    "numbers_caption": "Medidas em que o achado se baseia",
    "measure": "Medida",
    "value": "Valor",
    "centre": "Média Normal",
    "z": "Distância (DP)",
    "numbers_note": "Distância da média dos falantes Normal em DP de sibilantes isoladas, entre "
    "falantes e dentro deles. Sons interdentais nunca são explicados pelo centro de "
    "gravidade.",
    "probabilities": "Probabilidades: {listed}.",
    "no_reference": "sem referência",
    "no_sibilants": "Nenhuma sibilante foi encontrada nesta gravação.",
    "note": "Nota: {note}",
    "failed": "Não puderam ser lidas",
    "figure": "Espectro médio da sibilante n.º {number}",
    "frequency": "Frequência (kHz)",
    "level_axis": "Nível re a própria média (dB)",
    "this_one": "esta sibilante",
    "band": "falantes Normal ({n}): média ± 2 DP",
    "band_clips": "sons Normal: média ± 2 DP",
    "band_note": "Em cada frequência cerca de 95 de 100 sibilantes Normal estão na faixa; no "
    "conjunto das frequências, muitas delas saem dela em algum ponto.",
    "highest": "Mais alto em {khz} kHz.",
    "inside": "Dentro da faixa dos falantes Normal em toda a extensão.",
    "above": "Acima da faixa dos falantes Normal em {spans} kHz.",
    "below": "Abaixo da faixa dos falantes Normal em {spans} kHz.",
    "no_band": "O modelo não conhece faixa de referência.",
    "no_spectrum": "O seu espectro médio não pôde ser medido.",
    "about_model": "Sobre o modelo",
    "model_is": "{name} distingue {classes} por {n_columns} medidas do som até {khz} kHz. Foi "
    "treinado com {n_clips} sons de {n_speakers}: {counts}.",
    "n_speakers": "{n} falantes",
    "speakers_unknown": "falantes desconhecidos",
    "worth": "Em falantes que não conhecia, a sua taxa média não ponderada de acertos foi {uar}; o "
    "acaso é {chance}. Taxa de acertos de cada classe: {recalls}.",
    "worth_mixed": "Em sons de falantes com que foi treinado, a sua taxa média não ponderada de "
    "acertos foi {uar}; o acaso é {chance}. Nada disto vale para um novo falante. Taxa de acertos "
    "de cada classe: {recalls}.",
    "interval": "{value} (intervalo de 95 %: {low} a {high})",
    "no_interval": "{value} (sem intervalo)",
    "not_measurable": "não mensurável",
    "sets": "Os seus conjuntos a {level} continham a classe verdadeira em {covered} e nomeavam "
    "várias classes em {uncertain} dos sons.",
    "labels": "Distingue os rótulos do seu treino. Se estes foram o juízo de um fonoaudiólogo "
    "sobre ceceios, só quem o fez pode dizer.",
    "no_predictive": "Não se dão valores preditivos: as classes deste modelo representam outros "
    "rótulos do seu treino, e quantas pessoas ceceiam nada diz sobre estes.",
    "predictive_if": "O que segue só vale onde o foram.",
    "predictive": "Se {percent} das pessoas ceceassem, e em cada uma das suas sibilantes, então "
    "de 100 sibilantes cuja classe mais provável não é Normal {ppv} viriam de um ceceio, e de "
    "100 cuja classe mais provável é Normal {npv} não viriam. As amplitudes são as maiores que "
    "os intervalos da sensibilidade, {sensitivity}, e da especificidade, {specificity}, "
    "permitem; ambas valem para sibilantes isoladas de falantes não ouvidos, com os ceceios "
    "misturados como no treino.",
    "prevalence_source": "23 % dos jovens adultos falantes de neerlandês ceceiam (Van Borsel "
    "2007).",
    "predictive_range": "{value} ({low} a {high})",
    "training_notes": "Notas do treino",
    "made_by": "Feito com acoustic-sib {version}. Esta página não contém som.",
    "print_hint": "O que estiver aberto aqui também é impresso.",
}
